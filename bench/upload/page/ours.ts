/** Our client in a page, with its own defaults. */
import { createClient } from "@clipcast/client";
import { goal } from "../goal.ts";
import { measured } from "./gauge.ts";

measured(async (file) => {
  const client = createClient({ baseUrl: "" });
  await client.upload(file, goal).done;
});
