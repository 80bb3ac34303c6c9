/**
 * How many bytes DynamoDB bills an item with, by its own rules, which differ from what goes over the wire:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html. Pure.
 */
import * as z from "zod";

/** Of a list or a map, beside what is in it. */
const containerBytes = 3;
const elementBytes = 1;

export interface Attribute {
  S?: string | undefined;
  N?: string | undefined;
  M?: Record<string, Attribute> | undefined;
  L?: Attribute[] | undefined;
}

/** One attribute as the wire has it; a kind that is not named here is a truth value or null, and weighs one byte. */
const attribute: z.ZodType<Attribute> = z.lazy(() =>
  z.object({
    S: z.string().optional(),
    N: z.string().optional(),
    M: z.record(z.string(), attribute).optional(),
    L: z.array(attribute).optional(),
  }),
);

export const itemSchema = z.record(z.string(), attribute);
export type Item = z.infer<typeof itemSchema>;

export function itemBytes(item: Item): number {
  return Object.entries(item).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + attributeBytes(value),
    0,
  );
}

function attributeBytes({ S, N, M, L }: Attribute): number {
  if (S !== undefined) return Buffer.byteLength(S);
  // Two digits a byte, and one more.
  if (N !== undefined) return Math.ceil(N.replace(/^-|\./g, "").length / 2) + 1;
  if (M !== undefined) {
    return containerBytes + elementBytes * Object.keys(M).length + itemBytes(M);
  }
  if (L !== undefined) {
    return L.reduce((sum, one) => sum + elementBytes + attributeBytes(one), containerBytes);
  }
  return 1;
}
