// Links from mails end at this page: what follows the # is a call and its token, which no server and no history gets to see.

/** Calls the handler of the call's name with the token, for the link that the page was opened by and for later ones. */
export function onMailLink(handlers) {
  const follow = () => {
    const [, call = "", token = ""] = /^#([a-z-]+)=(.+)$/.exec(location.hash) ?? [];
    if (!Object.hasOwn(handlers, call)) return;
    history.replaceState(null, "", location.pathname);
    handlers[call](token);
  };
  addEventListener("hashchange", follow);
  follow();
}
