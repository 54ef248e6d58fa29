import { answer, type Body, type Caller, type CallOptions } from './call.ts';

export function stackRoutes({ client, init }: Caller) {
  const stack = (name: string) => ({ params: { path: { name } } });

  return {
    stacks: (call?: CallOptions) => answer(client.GET('/listStacks', init(call))),
    stack: (name: string) => answer(client.GET('/stacks/{name}', { ...stack(name), ...init() })),
    stackHistory: (name: string) =>
      answer(client.GET('/stacks/{name}/history', { ...stack(name), ...init() })),
    queue: (call?: CallOptions) => answer(client.GET('/line', init(call))),
    /** A repeated request with the same holder returns the same stack, or the same position in the queue. */
    requestStack: (body: Body<'requestStack'> & { readonly holder: string }, call?: CallOptions) =>
      answer(client.POST('/requestStack', { body, ...init(call) })),
    /** Without a token, a repeated request could end the next holder's hold, so it is sent once. */
    releaseStack: (body: Body<'releaseStack'>, call?: CallOptions) => {
      const isRepeatable = body.lockToken !== undefined;
      return answer(client.POST('/releaseStack', { body, ...init({ ...call, isRepeatable }) }));
    },
    reclaimStack: (body: Body<'reclaimStack'>) =>
      answer(client.POST('/reclaimStack', { body, ...init({ isRepeatable: body.lockToken !== undefined }) })),
    extendLease: (body: Body<'extendLease'>) => answer(client.POST('/extendLease', { body, ...init() })),
    setLastDeployedCommit: (body: Body<'setLastDeployedCommit'>, call?: CallOptions) =>
      answer(client.POST('/setLastDeployedCommit', { body, ...init(call) })),
    cleanStack: (body: Body<'cleanStack'>) => answer(client.POST('/cleanStack', { body, ...init() })),
    tearDownStack: (body: Body<'tearDownStack'>) =>
      answer(client.POST('/tearDownStack', { body, ...init({ isRepeatable: false }) })),
    reserveStack: (body: Body<'reserveStack'>) => answer(client.POST('/reserveStack', { body, ...init() })),
    unreserveStack: (body: Body<'unreserveStack'>) =>
      answer(client.POST('/unreserveStack', { body, ...init() })),
    deleteLastStack: () => answer(client.POST('/deleteLastStack', init({ isRepeatable: false }))),
  };
}
