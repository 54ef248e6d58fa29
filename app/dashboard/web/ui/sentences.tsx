/** A text for people in which backticks mark code, as in the texts of checks. */
export function Sentences({ text }: { text: string }) {
  // The parts at odd places were in backticks.
  return text
    .split(/`([^`\n]+)`/)
    .map((part, index) => (index % 2 === 0 ? part : <code key={index}>{part}</code>));
}
