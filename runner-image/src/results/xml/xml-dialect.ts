import type { TestCounts } from '../lines/line-reader.ts';
import type { CaseDraft } from '../result-case.ts';

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

/**
 * A format with an element for each test, and in it the texts of its failure.
 *
 * @param openCase returns the test that an element begins; the end of that element ends it.
 * @param isFailure whether the texts in an element are those of the failure. If omitted, everywhere in the test.
 */
export function caseDialect(
  onCase: (draft: CaseDraft) => void,
  openCase: (element: XmlElement) => CaseDraft | undefined,
  isFailure: (parent: string | undefined) => boolean = () => true,
): XmlDialect {
  const elements: string[] = [];
  let current: { readonly draft: CaseDraft; readonly name: string } | undefined;
  return {
    open(element) {
      elements.push(element.name);
      const draft = openCase(element);
      if (draft !== undefined) current = { draft, name: element.name };
    },
    close(name, text) {
      elements.pop();
      if (current === undefined) return;
      const { draft } = current;
      const isOfFailure = isFailure(elements.at(-1));
      if (name === 'message' && isOfFailure) draft.message = text;
      else if (name === 'stack-trace' && isOfFailure) draft.trace = text;
      else if (name === 'output') draft.output = text;
      else if (name === current.name) {
        onCase(draft);
        current = undefined;
      }
    },
    end() {
      if (current?.draft.outcome === 'failed') onCase(current.draft);
    },
  };
}
