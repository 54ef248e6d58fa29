import { Sentences } from './sentences.tsx';

/** Warnings above a page. */
export function Notices({ label, texts }: { label: string; texts: readonly string[] }) {
  if (texts.length === 0) return null;
  return (
    <section class="warnings" aria-label={label}>
      {texts.map((text) => (
        <p key={text}>
          <Sentences text={text} />
        </p>
      ))}
    </section>
  );
}
