/** A network or an address that is never reached. */
interface NeverReached {
  range: string
  /** What is there. */
  what: string
  /** Where that is written. */
  source: string
}

/**
 * What no setting opens: link-local addresses, where clouds have the services that give credentials to whoever asks;
 * the addresses outside of them where some clouds have those; and what no request of ours can be meant for. Azure's is
 * an ordinary public address.
 */
export const neverReached: NeverReached[] = [
  { range: '169.254.0.0/16', what: 'link-local', source: 'RFC 3927' },
  { range: 'fe80::/10', what: 'link-local', source: 'RFC 4291, section 2.5.6' },
  { range: '100.100.100.200/32', what: 'Alibaba Cloud', source: 'ECS: instance metadata' },
  { range: 'fd00:100::100:200/128', what: 'Alibaba Cloud', source: 'ECS: instance metadata over IPv6' },
  // Beside the metadata (::254) the credentials of pods (::23), names (::253) and time (::123).
  { range: 'fd00:ec2::/32', what: 'Amazon', source: 'EC2: instance metadata; EKS: Pod Identity Agent' },
  { range: '168.63.129.16/32', what: 'Azure', source: 'Azure: what is IP address 168.63.129.16' },
  { range: 'fd20:ce::254/128', what: 'Google Cloud', source: 'Compute Engine: query VM metadata, IPv6-only' },
  { range: 'fd00:a9fe:a9fe::1/128', what: 'Akamai', source: 'Linode: metadata service' },
  { range: '192.0.0.192/32', what: 'Oracle', source: 'Cloud at Customer: instance metadata' },
  { range: 'fd00:c1::a9fe:a9fe/128', what: 'Oracle', source: 'OCI: instance metadata over IPv6' },
  { range: 'fd00:42::42/128', what: 'Scaleway', source: 'Scaleway: metadata over IPv6' },
  { range: '224.0.0.0/4', what: 'multicast', source: 'RFC 5771' },
  { range: 'ff00::/8', what: 'multicast', source: 'RFC 4291, section 2.7' },
  { range: '240.0.0.0/4', what: 'reserved, broadcast', source: 'RFC 1112, section 4; RFC 919' },
  { range: '2001::/32', what: 'Teredo, a tunnel to IPv4', source: 'RFC 4380, section 4' },
]
