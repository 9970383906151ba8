// Which sheet lies over the page.
import { signal } from "@preact/signals";

export type SheetName = "help" | "settings" | "download";

export const sheet = signal<SheetName | null>(null);

export function openSheet(name: SheetName): void {
  sheet.value = name;
}

export function closeSheet(): void {
  sheet.value = null;
}
