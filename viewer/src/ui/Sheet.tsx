// A sheet over the page: the browser's own dialog, which keeps the focus inside and gives it back.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "./Icon";
import { closeSheet } from "./sheets";

export function Sheet({ title, narrow = false, children }: { title: string; narrow?: boolean; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      class={`sheet${narrow ? " narrow" : ""}`}
      aria-labelledby="sheet-title"
      onClose={closeSheet}
      onClick={(click) => {
        if (click.target === dialog.current) closeSheet();
      }}
    >
      <div class="sheet-inside">
        <header class="sheet-head">
          <h2 id="sheet-title">{title}</h2>
          <button type="button" class="button icon-only quiet" aria-label="Close" onClick={closeSheet}>
            <Icon name="close" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
