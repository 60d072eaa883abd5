// Changes of the files come one after the other: each finds the list as the one before has left it, so that neither an
// upload that ends nor a second press is lost while an answer is on its way.
let last = Promise.resolve();
let waiting = 0;

export function inTurn(work) {
  waiting += 1;
  const done = last.then(work).finally(() => {
    waiting -= 1;
  });
  last = done.catch(() => {});
  return done;
}

export const isIdle = () => waiting === 0;

// Until every change that has begun is on the page.
export async function settled() {
  while (!isIdle()) await last;
}
