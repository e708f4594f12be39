import { Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { api } from "../api/http";
import { routeHref } from "../routes";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { toast } from "../ui/Toasts";

/** A link for operators: it shows this dashboard, and can change nothing. */
export function ViewLink({ target, onClose }: { target: string; onClose: () => void }) {
  const [url, setUrl] = useState("");
  const [error, setError] = useState("");
  useEffect(() => {
    api.viewLink().then(
      (found) => setUrl(found + routeHref({ page: "dashboard", target })),
      (cause: Error) => setError(cause.message),
    );
  }, [target]);
  const copy = () => {
    navigator.clipboard.writeText(url).then(
      () => toast("ok", "Link copied"),
      () => toast("error", "The browser does not let it be copied: select it and copy it by hand"),
    );
  };
  return (
    <Dialog
      title="View-only link"
      onClose={onClose}
      actions={
        <Button kind="primary" icon={Copy} disabled={url === ""} onClick={copy}>
          Copy
        </Button>
      }
    >
      <p className="dashboard-text">
        Who opens it sees this dashboard live and can set, start and stop nothing. It holds until the server
        is started anew.
      </p>
      {error ? (
        <p role="alert">{error}</p>
      ) : (
        <input
          className="view-link"
          readOnly
          aria-label="Link"
          value={url}
          onFocus={(event) => event.target.select()}
        />
      )}
    </Dialog>
  );
}
