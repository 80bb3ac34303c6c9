/**
 * A drop-down of choices that can say why one of them cannot be made, on hover and to the keyboard, which a native one
 * cannot. Follows the select-only combobox of the ARIA Authoring Practices
 * (https://www.w3.org/WAI/ARIA/apg/patterns/combobox/examples/combobox-select-only/), but leaving it chooses nothing:
 * a choice made here is always made on purpose.
 */
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { Icon } from "./icon.tsx";

export type Choice = {
  value: string;
  name: string;
  /** Why it cannot be chosen; null when it can. */
  excuse: string | null;
};

type MenuProps = {
  labelId: string;
  id: string;
  describedBy: string | undefined;
  placeholder: string;
  value: string | null;
  choices: readonly Choice[];
  onChange: (value: string) => void;
};

export function ChoiceMenu(props: MenuProps) {
  const { labelId, id, describedBy, placeholder, value, choices, onChange } = props;
  /** Where the keyboard is; null while closed. */
  const [active, setActive] = useState<number | null>(null);
  const chosen = choices.find((choice) => choice.value === value);
  const open = () =>
    setActive(
      Math.max(
        0,
        choices.findIndex((choice) => choice.value === value),
      ),
    );
  const choose = (choice: Choice | undefined) => {
    if (choice === undefined || choice.excuse !== null) return;
    onChange(choice.value);
    setActive(null);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const next = nextActive(event.key, active, choices);
    if (next === "unknown") return;
    // Tab goes on to the next field.
    if (event.key !== "Tab") event.preventDefault();
    if (next === "choose") choose(choices[active ?? -1]);
    else if (next === "open") open();
    else setActive(next);
  };
  return (
    <div className="menu-field">
      <button
        type="button"
        id={id}
        className="menu-field-button"
        role="combobox"
        aria-haspopup="listbox"
        aria-expanded={active !== null}
        aria-controls={active === null ? undefined : `${id}-list`}
        aria-activedescendant={active === null ? undefined : `${id}-${active}`}
        aria-labelledby={labelId}
        aria-describedby={describedBy}
        aria-required="true"
        data-value={value ?? ""}
        onClick={() => (active === null ? open() : setActive(null))}
        onKeyDown={onKeyDown}
        onBlur={() => setActive(null)}
      >
        <span className={chosen === undefined ? "menu-field-none" : undefined}>
          {chosen?.name ?? placeholder}
        </span>
        <Icon name="chevron" />
      </button>
      {active !== null && (
        <Options {...props} active={active} onActive={setActive} onChoose={choose} />
      )}
    </div>
  );
}

function Options(
  props: MenuProps & {
    active: number;
    onActive: (index: number) => void;
    onChoose: (choice: Choice) => void;
  },
) {
  const { labelId, id, value, choices, active, onActive, onChoose } = props;
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    <div ref={list} id={`${id}-list`} className="options" role="listbox" aria-labelledby={labelId}>
      {choices.map((choice, index) => (
        // The keyboard stays on the button, which names the active option.
        // biome-ignore lint/a11y/useFocusableInteractive: see above.
        // biome-ignore lint/a11y/useKeyWithClickEvents: see above.
        <div
          key={choice.value}
          id={`${id}-${index}`}
          className={index === active ? "option option-active" : "option"}
          role="option"
          aria-selected={choice.value === value}
          aria-disabled={choice.excuse !== null}
          aria-describedby={choice.excuse === null ? undefined : `${id}-${index}-excuse`}
          onPointerMove={() => onActive(index)}
          // Pressing must not take the focus from the button.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onChoose(choice)}
        >
          <span>{choice.name}</span>
          {choice.value === value && <Icon name="check" />}
          {choice.excuse !== null && (
            // Described by it, and not named after it.
            <span id={`${id}-${index}-excuse`} className="tooltip" aria-hidden="true">
              {choice.excuse}
            </span>
          )}
        </div>
      ))}
    </div>
  );
}

type Next = number | null | "choose" | "open" | "unknown";

/** What a key does, and where it leads. */
export function nextActive(key: string, active: number | null, choices: readonly Choice[]): Next {
  if (active === null)
    return ["ArrowDown", "ArrowUp", "Enter", " "].includes(key) ? "open" : "unknown";
  const last = choices.length - 1;
  switch (key) {
    case "ArrowDown":
      return Math.min(last, active + 1);
    case "ArrowUp":
      return Math.max(0, active - 1);
    case "Home":
      return 0;
    case "End":
      return last;
    case "Enter":
    case " ":
      return "choose";
    case "Escape":
    case "Tab":
      return null;
    default: {
      const found = choices.findIndex(({ name }) =>
        name.toLowerCase().startsWith(key.toLowerCase()),
      );
      return found === -1 || key.length !== 1 ? "unknown" : found;
    }
  }
}
