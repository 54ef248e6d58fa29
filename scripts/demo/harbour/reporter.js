/** One line for each test: https://nodejs.org/api/test.html#custom-reporters */
export default async function* report(events) {
  for await (const { type, data } of events) {
    if (type === 'test:pass') yield `✔ ${data.name}\n`;
    if (type === 'test:fail') yield `✖ ${data.name}\n`;
  }
}
