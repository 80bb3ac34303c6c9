/**
 * Every word on the page, put together from its parts; what the rest of the page imports. A translation is another
 * object of the type `Strings`.
 */
import { page } from "./strings/page.ts";
import { post } from "./strings/post.ts";
import { uploads } from "./strings/uploads.ts";

export type Strings = typeof strings;

export const strings = { ...page, ...post, ...uploads };
