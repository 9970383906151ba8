// Waiting: for the next frame, for a while, for a pause to end.

/** Resolves before the next frame is drawn; in a page that is not seen, where no frames are drawn, after a moment. */
export function nextFrame(): Promise<void> {
  return new Promise((resolve) => {
    if (document.hidden) setTimeout(resolve, 100);
    else requestAnimationFrame(() => resolve());
  });
}

/** Resolves after a while, or at once when the network or the page comes back; rejects when aborted. */
export function calm(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (settle: () => void) => (): void => {
      clearTimeout(timer);
      window.removeEventListener("online", wake);
      signal.removeEventListener("abort", stop);
      settle();
    };
    const wake = done(resolve);
    const stop = done(() => reject(signal.reason as Error));
    const timer = setTimeout(wake, ms);
    window.addEventListener("online", wake);
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
  });
}

/** Grows from a quarter of a second to five seconds, with a fifth of it by chance, so that many pages do not come back together. */
export function backoff(attempt: number): number {
  return Math.min(250 * 2 ** Math.min(attempt, 10), 5_000) * (0.9 + 0.2 * Math.random());
}

/** Open or shut; whoever passes waits while it is shut. */
export class Gate {
  private waiting: (() => void)[] = [];
  private shut = false;

  close(): void {
    this.shut = true;
  }

  open(): void {
    this.shut = false;
    for (const go of this.waiting.splice(0)) go();
  }

  async pass(): Promise<void> {
    while (this.shut) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }
}
