// A range of which nothing is shown: what became of it, and a click that loads it.
import { GapCause } from "../generated/spile/v1/read_pb";
import { canLoad, type Mark } from "../model/row";
import { reader } from "../state/store";
import { whole } from "../text/numbers";

export function GapLine({ gap }: { gap: Mark }) {
  const count = gap.to - gap.from;
  const range = `${whole(count)} ${count === 1 ? "record" : "records"} of the stream (offset ${whole(gap.from)} to ${whole(gap.to - 1)})`;
  const text = {
    [GapCause.RETENTION]: `${range}: removed by retention`,
    [GapCause.QUARANTINED]: `${range}: set aside as corrupt`,
    [GapCause.LAGGED]: `${range}: skipped`,
    [GapCause.UNSPECIFIED]: `${range}: not read`,
  }[gap.cause];
  return (
    <div class={`gap${canLoad(gap) ? " loadable" : ""}`}>
      <span class="gap-text">
        {text}
        {gap.error !== "" && ` · ${gap.error}`}
      </span>
      {canLoad(gap) && (
        <button type="button" class="button small" disabled={gap.loading} onClick={() => void reader.value.loadMark(gap.key)}>
          {gap.loading ? "Loading…" : gap.cause === GapCause.QUARANTINED || gap.error !== "" ? "Try again" : "Load what matches"}
        </button>
      )}
    </div>
  );
}
