import { useConnection } from "../api/connection";

/** Says that the server is out of reach; edits stay in the browser meanwhile. */
export function ConnectionBanner() {
  const status = useConnection((state) => state.status);
  if (status !== "lost" && status !== "refused") return null;
  return (
    <div className="banner" role="alert">
      {status === "refused"
        ? "This address needs its token: open the link that `streamlab serve` printed."
        : "Connection to the server lost. Trying again; your edits are kept in this browser."}
    </div>
  );
}
