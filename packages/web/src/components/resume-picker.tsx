/** Asks for the file of an interrupted upload: by handle where the browser can, so that it need not ask twice. */
import { type ChosenFile, chooseByHandle, hasFilePicker } from "../state/handles.ts";
import { strings } from "../strings.ts";

export function ResumePicker(props: {
  name: string;
  onChoose: (chosen: ChosenFile) => void;
  onFailure: (error: unknown) => void;
}) {
  const { name, onChoose, onFailure } = props;
  const choose = async () => {
    try {
      const chosen = await chooseByHandle();
      if (chosen !== null) onChoose(chosen);
    } catch (error) {
      onFailure(error);
    }
  };
  return (
    <label className="button button-primary button-small file-button">
      {strings.action.choose}
      <input
        type="file"
        accept="video/*,.mp4,.mov,.webm"
        aria-label={name}
        onClick={(event) => {
          if (!hasFilePicker()) return;
          event.preventDefault();
          void choose();
        }}
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = "";
          if (file !== undefined) onChoose({ file, handle: null });
        }}
      />
    </label>
  );
}
