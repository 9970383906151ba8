// A button with a panel below it: closed by Escape, by a click elsewhere, and when the focus leaves.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon, type IconName } from "./Icon";

interface Props {
  readonly label: string;
  /** What stands on the button. */
  readonly text: ComponentChildren;
  readonly icon?: IconName;
  readonly active?: boolean;
  readonly align?: "start" | "end";
  readonly children: (close: () => void) => ComponentChildren;
}

export function Menu({ label, text, icon, active = false, align = "start", children }: Props) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const close = (): void => {
    setOpen(false);
    button.current?.focus();
  };

  useEffect(() => {
    if (!open) return;
    const outside = (at: Event): void => {
      if (!root.current?.contains(at.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", outside);
    document.addEventListener("focusin", outside);
    const first = root.current?.querySelector<HTMLElement>(".panel [data-autofocus]");
    first?.focus();
    return () => {
      document.removeEventListener("pointerdown", outside);
      document.removeEventListener("focusin", outside);
    };
  }, [open]);

  const onKeyDown = (key: KeyboardEvent): void => {
    if (!open) return;
    if (key.key === "Escape") {
      key.stopPropagation();
      close();
    } else if (key.key === "ArrowDown" || key.key === "ArrowUp") {
      const stops = [...(root.current?.querySelectorAll<HTMLElement>(".panel [data-stop]") ?? [])];
      const at = stops.indexOf(document.activeElement as HTMLElement);
      const next = stops[key.key === "ArrowDown" ? Math.min(at + 1, stops.length - 1) : Math.max(at - 1, 0)];
      if (next !== undefined) {
        key.preventDefault();
        next.focus();
      }
    }
  };

  return (
    <div class="menu" ref={root} onKeyDown={onKeyDown}>
      <button
        ref={button}
        type="button"
        class={`button menu-button${active ? " active" : ""}`}
        aria-haspopup="dialog"
        aria-expanded={open}
        aria-label={label}
        onClick={() => setOpen(!open)}
      >
        {icon !== undefined && <Icon name={icon} />}
        <span class="menu-text">{text}</span>
        <Icon name="down" />
      </button>
      {open && (
        <div class={`panel ${align}`} role="dialog" aria-label={label}>
          {children(close)}
        </div>
      )}
    </div>
  );
}
