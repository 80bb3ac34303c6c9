/**
 * XML in and out: a parser for the few request bodies S3 has, and a renderer for its answers.
 *
 * Parsing refuses document types (no entity tricks) and anything not well formed; what a document must contain is left
 * to the zod schema of whoever reads it.
 */
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { z } from "zod";

/** What an element holds: text, or elements by name. */
export type XmlContent = string | number | boolean | { readonly [name: string]: XmlValue };
/** An absent value leaves the element out; a list repeats it. */
export type XmlValue = XmlContent | undefined | readonly XmlContent[];

const namespace = "http://s3.amazonaws.com/doc/2006-03-01/";

/** A completion of 10,000 parts carries 20,000 `&quot;`; the parser's own limit is 1,000 expansions. */
const expansionCountMax = 100_000;

const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  removeNSPrefix: true,
  // Numbers stay text: an ETag or a key may look like one.
  parseTagValue: false,
  trimValues: false,
  // Without this, character references such as `&#x0A;` would stay as they are.
  htmlEntities: true,
  processEntities: {
    enabled: true,
    maxTotalExpansions: expansionCountMax,
    maxExpandedLength: 8 * 1024 * 1024,
  },
});

/** The parsed document, `{ RootName: … }`, or undefined when it is not a well-formed one. */
export function parseXml(text: string): unknown {
  if (/<!DOCTYPE/i.test(text) || XMLValidator.validate(text) !== true) return undefined;
  try {
    const document: unknown = parser.parse(text);
    return document;
  } catch {
    // The parser throws on names it holds dangerous, such as `__proto__`: no S3 document has them.
    return undefined;
  }
}

/** An element that may repeat: absent, one or many all read as a list. */
export function repeated<T extends z.ZodType>(item: T) {
  return z.preprocess(
    (value) => (value === undefined ? [] : Array.isArray(value) ? value : [value]),
    z.array(item),
  );
}

/** An empty element is parsed as "" although it stands for a structure without members. */
export function structure<T extends z.ZodType>(schema: T) {
  return z.preprocess((value) => (value === "" ? {} : value), schema);
}

export function renderXml(root: string, content: XmlContent): string {
  // Errors are the one document S3 sends without a namespace.
  const attributes = root === "Error" ? "" : ` xmlns="${namespace}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root}${attributes}>${renderContent(content)}</${root}>`;
}

function renderContent(content: XmlContent): string {
  if (typeof content !== "object") return escapeText(String(content));
  return Object.entries(content)
    .map(([name, value]) => renderElement(name, value))
    .join("");
}

function renderElement(name: string, value: XmlValue): string {
  if (value === undefined) return "";
  if (isList(value)) return value.map((item) => renderElement(name, item)).join("");
  return `<${name}>${renderContent(value)}</${name}>`;
}

function isList(value: XmlValue): value is readonly XmlContent[] {
  return Array.isArray(value);
}

const namedEntities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

function escapeText(text: string): string {
  // Control characters are written as references, as S3 does for keys that contain them.
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to escape.
    /[&<>"\u0000-\u001f]/g,
    (character) => namedEntities[character] ?? `&#x${character.charCodeAt(0).toString(16)};`,
  );
}
