/** @returns {Promise<boolean>} whether a promise is fulfilled */
export const succeeds = (promise) =>
  promise.then(
    () => true,
    () => false,
  );
