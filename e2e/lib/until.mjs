// Waiting for conditions instead of for time.

/** Asks `probe` until it returns something true, and returns that; fails with `what` after `ms`. */
export async function until(what, probe, ms = 15000) {
  const end = Date.now() + ms;
  let last;
  for (;;) {
    try {
      last = await probe();
      if (last) return last;
    } catch (error) {
      if (/the server ended/.test(String(error))) throw error;
      last = error;
    }
    if (Date.now() > end) throw new Error(`waited ${ms} ms until ${what}; last: ${last instanceof Error ? last.message : JSON.stringify(last)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
