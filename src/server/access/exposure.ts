/** What may reach the daemon beyond this machine's own names; all of it was allowed on purpose. */
export interface Exposure {
  /** Further names that `Host` may have, without port. */
  readonly allowedHosts: readonly string[];
  /** Further origins whose pages may connect: scheme, host and port, as browsers write them. */
  readonly allowedOrigins: readonly string[];
  /** The origin under which a proxy on this machine shows the daemon; it counts as the daemon's own. */
  readonly publicUrl: string | undefined;
  /** Networks, as `address/bits`, of proxies that say truly who they speak for. */
  readonly trustedProxies: readonly string[];
}

export const NO_EXPOSURE: Exposure = {
  allowedHosts: [],
  allowedOrigins: [],
  publicUrl: undefined,
  trustedProxies: [],
};
