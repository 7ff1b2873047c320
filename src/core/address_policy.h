#pragma once
// Which network addresses outgoing calls may reach.
struct sockaddr;

namespace auterity {

// 169.254.0.0/16 and fe80::/10 (RFC 3927, RFC 4291), also as IPv4-mapped IPv6: cloud metadata
// services live there. So does AWS' fd00:ec2::/32.
bool is_link_local(const sockaddr& address);

}  // namespace auterity
