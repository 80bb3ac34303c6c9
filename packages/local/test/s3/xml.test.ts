/** XML as S3's clients write it, and nothing that is more than that. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { parseXml, renderXml, repeated } from "../../src/s3/xml.ts";

describe("a parsed document", () => {
  it("keeps text as it was meant: entities, references, numbers and spaces", () => {
    const text = '<?xml version="1.0"?><A xmlns="x"><B>&amp;&lt;&quot;&#x0A;&#13; 007 </B></A>';
    expect(parseXml(text)).toEqual({ A: { B: '&<"\n\r 007 ' } });
  });

  it.each(["", "text", "<A><B></A>", "<A>", "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>"])(
    "is none when it is not well formed or declares a type: %j",
    (text) => {
      expect(parseXml(text)).toBeUndefined();
    },
  );

  it("reads a repeated element as a list, however often it is there", () => {
    const schema = z.object({ A: z.object({ B: repeated(z.string()), C: z.string() }) });
    const read = (inner: string) => schema.parse(parseXml(`<A><C/>${inner}</A>`)).A.B;
    expect([read(""), read("<B>1</B>"), read("<B>1</B><B>2</B>")]).toEqual([[], ["1"], ["1", "2"]]);
  });
});

describe("a rendered document", () => {
  it("escapes text, leaves out what is absent, and repeats lists", () => {
    const xml = renderXml("Root", { A: '<&">\u0001', B: undefined, C: [1, { D: true }] });
    expect(xml).toContain("<A>&lt;&amp;&quot;&gt;&#x1;</A><C>1</C><C><D>true</D></C></Root>");
    expect(xml).not.toContain("<B>");
  });
});
