import { describe, expect, it } from "vitest";
import { resolveLinks, toVariables } from "../../src/host/links.ts";
import { makeTempDir } from "../lambda/fixture.ts";
import { writeSystem } from "./fixture.ts";

const values = {
  "Table.name": "t",
  "Work.url": "http://queue",
  "Bucket.name": "b",
  "Key.arn": "arn:key",
};

function resolve(overrides = { Site: { origin: "http://localhost:1" } }, known = values) {
  return resolveLinks(writeSystem(makeTempDir()), { values: known, overrides });
}

describe("resolveLinks", () => {
  it("fills references, lays overrides over them, and adds SST's own App", () => {
    expect(resolve()).toEqual({
      App: { name: "fixture", stage: "local" },
      Table: { type: "sst.aws.Dynamo", name: "t" },
      Work: { type: "sst.aws.Queue", url: "http://queue" },
      Bucket: { type: "sst.aws.Bucket", name: "b" },
      Key: { type: "aws.kms/key.Key", arn: "arn:key" },
      Site: { type: "sst.sst.Linkable", origin: "http://localhost:1" },
      Settings: { type: "sst.sst.Linkable", isAudited: false },
    });
  });

  it("names the reference that it cannot fill", () => {
    const { "Work.url": _, ...known } = values;
    expect(() => resolve(undefined, known as typeof values)).toThrow(
      "Link Work.url: the local host has no Work.url.",
    );
  });
});

describe("toVariables", () => {
  it("gives a function its own links and App, nothing else", () => {
    const variables = toVariables(resolve(), ["Table"]);
    expect(Object.keys(variables)).toEqual(["SST_RESOURCE_App", "SST_RESOURCE_Table"]);
    expect(JSON.parse(variables.SST_RESOURCE_Table ?? "")).toMatchObject({ name: "t" });
  });

  it("refuses a link that the plan does not have", () => {
    expect(() => toVariables(resolve(), ["Nothing"])).toThrow(
      "The plan has no link named Nothing.",
    );
  });
});
