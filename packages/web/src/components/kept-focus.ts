/** Keeps the keyboard's place: when the focused button of a card goes away with a change, the card itself takes over. */
import { type RefObject, useEffect, useLayoutEffect, useRef } from "react";

export function useKeptFocus(card: RefObject<HTMLElement | null>): void {
  const hasFocus = useRef(false);
  useEffect(() => {
    const node = card.current;
    const onFocus = () => {
      hasFocus.current = true;
    };
    const onBlur = (event: FocusEvent) => {
      // A button that is removed loses the focus to nothing; so does one that a dialog or another window covers.
      if (event.relatedTarget !== null) hasFocus.current = false;
    };
    const onPress = (event: Event) => {
      // A press elsewhere means to leave.
      if (!(event.target instanceof Node) || !node?.contains(event.target))
        hasFocus.current = false;
    };
    node?.addEventListener("focusin", onFocus);
    node?.addEventListener("focusout", onBlur);
    addEventListener("pointerdown", onPress);
    return () => {
      node?.removeEventListener("focusin", onFocus);
      node?.removeEventListener("focusout", onBlur);
      removeEventListener("pointerdown", onPress);
    };
  }, [card]);
  useLayoutEffect(() => {
    if (hasFocus.current && document.activeElement === document.body) {
      card.current?.focus({ preventScroll: true });
    }
  });
}
