import type { TestCounts } from '../lines/line-reader.ts';

/** The attributes of an element, their names in lower case. */
export type Attributes = Readonly<Record<string, string>>;

export interface XmlElement {
  /** In lower case, without its namespace. */
  readonly name: string;
  readonly attributes: Attributes;
}

/** One format of test results in XML. */
export interface XmlDialect {
  comment?(text: string): void;
  /** The tool's own sums, where it does not list every test. */
  counts?(): TestCounts | undefined;
  /** How many failed tests the document states, if it lists none of them. */
  unlistedFailures?(): number;
  open(element: XmlElement): void;
  /** @param text the element's own text */
  close(name: string, text: string): void;
  /** Called at the end of the document, which may be inside an element. */
  end(): void;
}
