// Text of others: text nodes and nothing else; what cannot be seen is made visible. What stands around it isolates its direction (`.theirs`).
import { runsOf } from "../text/glyphs";

interface Props {
  readonly text: string;
  readonly find?: RegExp | null;
  readonly lines?: boolean;
}

export function Text({ text, find = null, lines = false }: Props) {
  return (
    <>
      {runsOf(text, find, lines).map((run, index) =>
        run.kind === "text" ? (
          run.text
        ) : run.kind === "found" ? (
          <mark key={index}>{run.text}</mark>
        ) : (
          <span key={index} class="sign" title={run.title}>
            {run.text}
          </span>
        ),
      )}
    </>
  );
}
