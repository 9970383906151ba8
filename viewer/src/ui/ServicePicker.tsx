// Which services are shown.
import { useEffect, useState } from "preact/hooks";
import { client, failureOf } from "../api/client";
import { listServices } from "../model/catalog";
import { show, view } from "../state/store";
import { visibleText } from "../text/glyphs";
import { Menu } from "./Menu";

export function ServicePicker() {
  const { services } = view.value;
  const text = services.length === 0 ? "All services" : services.length === 1 ? visibleText(services[0]!) : `${services.length} services`;
  return (
    <Menu label={`Services: ${text}`} text={text} active={services.length > 0} align="end">
      {() => <Services chosen={services} stream={view.value.stream} />}
    </Menu>
  );
}

function Services({ chosen, stream }: { chosen: readonly string[]; stream: string }) {
  const [known, setKnown] = useState<readonly string[]>([]);
  const [state, setState] = useState<"asking" | "done" | string>("asking");
  const [sought, setSought] = useState("");

  useEffect(() => {
    const call = new AbortController();
    listServices(client, stream, call.signal, setKnown).then(
      () => setState("done"),
      (thrown) => {
        if (!call.signal.aborted) setState(failureOf(thrown).text);
      },
    );
    return () => call.abort();
  }, [stream]);

  const toggle = (service: string): void => {
    show({ services: chosen.includes(service) ? chosen.filter((each) => each !== service) : [...chosen, service] });
  };
  const all = [...new Set([...chosen, ...known])].sort((a, b) => a.localeCompare(b));
  const found = all.filter((service) => service.toLowerCase().includes(sought.trim().toLowerCase()));
  const typed = sought.trim();
  return (
    <>
      <input
        class="field"
        type="text"
        placeholder="Find a service, or type its name"
        aria-label="Find a service, or type its name"
        value={sought}
        data-autofocus
        data-stop
        onInput={(input) => setSought(input.currentTarget.value)}
        onKeyDown={(key) => {
          if (key.key === "Enter" && typed !== "") toggle(found[0] ?? typed);
        }}
      />
      <ul class="choices">
        {found.map((service) => (
          <li key={service}>
            <label class="choice">
              <input type="checkbox" data-stop checked={chosen.includes(service)} onChange={() => toggle(service)} />
              <span class="grow">{visibleText(service)}</span>
            </label>
          </li>
        ))}
      </ul>
      {state === "asking" && <p class="note">Looking for services…</p>}
      {state !== "asking" && state !== "done" && <p class="note wrong">{state}</p>}
      {state === "done" && found.length === 0 && (
        <p class="note">{typed === "" ? "No record names its service." : "Not heard of. Enter takes the name as it is."}</p>
      )}
      {chosen.length > 0 && (
        <button type="button" class="button wide" data-stop onClick={() => show({ services: [] })}>
          Show all services
        </button>
      )}
    </>
  );
}
