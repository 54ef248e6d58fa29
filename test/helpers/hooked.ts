/**
 * The same port, with something done before each of its calls: a pause for others to come in between, a crash.
 *
 * @param before receives the name of the method.
 */
export function hooked<Port extends object>(port: Port, before: (method: string) => Promise<void>): Port {
  return new Proxy(port, {
    get: (target, name, receiver) => {
      const value: unknown = Reflect.get(target, name, receiver);
      if (typeof value !== 'function') return value;
      return async (...args: unknown[]) => {
        await before(String(name));
        return value.apply(target, args);
      };
    },
  });
}
