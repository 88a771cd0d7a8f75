// Copyright (c) The terraform-provider-clb authors
// SPDX-License-Identifier: MPL-2.0

package verify

import "github.com/terraform-clb/terraform-provider-clb/internal/packet"

// publicConfiguration is what one load balancer of a file of testdata/public gets
// to hear, no clients declared. Ids of rules are left out.
type publicConfiguration struct {
	file, lb string
	// verdict is about what the load balancer cannot do without, pathMTU about
	// Path MTU Discovery.
	verdict, pathMTU packet.Verdict
	// refused are the refused steps with their packets, found the findings with
	// their rules.
	refused, found []string
}

func publicConfigurations() []publicConfiguration {
	return []publicConfiguration{
		{
			// AWS's own sample works: the replies pass on 1024-65535 both ways. Its group lets port 80 out to everyone where
			// the table names the instances' group, and the network ACLs open 0-65535 to everyone where it names the VPC;
			// their entry for the ephemeral ports alone is none. No ICMP passes.
			file: "aws-multi-tier-web-app-in-vpc", lb: "public", verdict: packet.Proved, pathMTU: packet.Refuted,
			found: []string{
				"CLB202 sg-PublicLoadBalancer: security group sg-PublicLoadBalancer outbound (tcp 80 to 0.0.0.0/0)",
				"CLB204 acl-private: network ACL acl-private inbound rule 100 (allow tcp 0-65535 from 0.0.0.0/0)",
				"CLB205 acl-public: network ACL acl-public outbound rule 100 (allow tcp 0-65535 to 0.0.0.0/0)",
			},
		},
		{
			// Load balancer and backend share a subnet, so no network ACL is between them; its clients are a group of the
			// same subnet's instances, which is fewer than the table's VPC.
			file: "aws-multi-tier-web-app-in-vpc", lb: "private", verdict: packet.Proved, pathMTU: packet.Refuted,
			found: []string{
				"CLB202 sg-PrivateLoadBalancer: security group sg-PrivateLoadBalancer outbound (tcp 80 to 0.0.0.0/0)",
				"CLB204 acl-private: network ACL acl-private inbound rule 100 (allow tcp 0-65535 from 0.0.0.0/0)",
				"CLB205 acl-private: network ACL acl-private outbound rule 100 (allow tcp 0-65535 to 0.0.0.0/0)",
				"CLB313 sg-PrivateLoadBalancer: ",
			},
		},
		{
			// As the sample above, with a network ACL that lists its ports: 80 and 1024-65535 suffice for a load balancer on
			// 80.
			file: "aws-vpc-multiple-subnets", lb: "web", verdict: packet.Proved, pathMTU: packet.Refuted,
			found: []string{
				"CLB202 sg-LoadBalancer: security group sg-LoadBalancer outbound (tcp 80 to 0.0.0.0/0)",
				"CLB204 acl-private: network ACL acl-private inbound rule 100 (allow tcp 0-65535 from 0.0.0.0/0)",
				"CLB205 acl-public: network ACL acl-public outbound rule 100 (allow tcp 80 to 0.0.0.0/0)",
			},
		},
		{
			// The instances' port 8888 is stated in three places, and the three agree. Only the destination of the outbound
			// rule is broader.
			file: "aws-vpc-autoscaling-elb", lb: "web", verdict: packet.Proved, pathMTU: packet.Refuted,
			found: []string{
				"CLB202 sg-LoadBalancer: security group sg-LoadBalancer outbound (tcp 8888 to 0.0.0.0/0)",
			},
		},
		{
			// The tables of AWS, followed to the letter on the load balancer's subnet: without any excess. The groups
			// are wider, all ports to everyone and 8080 from the VPC; SSH is not judged.
			file: "tramchester", lb: "tramchester", verdict: packet.Proved, pathMTU: packet.Refuted,
			found: []string{
				"CLB202 sg-LoadBalance: security group sg-LoadBalance outbound (tcp 1-65535 to 0.0.0.0/0)",
				"CLB203 sg-Web: security group sg-Web inbound (tcp 8080 from 10.0.0.0/16)",
			},
		},
		{
			// With its only node in zone a and cross-zone load balancing off, no instance of zone b gets anything.
			file: "tramchester", lb: "before", verdict: packet.Proved, pathMTU: packet.Refuted,
			found: []string{
				"CLB202 sg-LoadBalance: security group sg-LoadBalance outbound (tcp 1-65535 to 0.0.0.0/0)",
				"CLB203 sg-Web: security group sg-Web inbound (tcp 8080 from 10.0.0.0/16)",
				"CLB310 : ",
			},
		},
		{
			// The guide calls 32768-65535 an example only: a load balancer and its clients take source ports from 1024 on,
			// so the sub-range 1024-32767 is refused. Its rule 120 admits these ports to 192.0.2.0/24 alone.
			file: "vpc-guide-custom-acl", lb: "front", verdict: packet.Refuted, pathMTU: packet.Refuted,
			refused: []string{
				"reply to clients 0: 10.0.0.4 -> 203.0.113.10:1024: the final outbound rule * of network ACL acl-example",
				"reply of instances 0: 10.0.1.4 -> 10.0.0.4:1024: the final inbound rule * of network ACL acl-example",
			},
			found: []string{
				"CLB104 acl-example: the final outbound rule * of network ACL acl-example",
				"CLB105 acl-example: the final inbound rule * of network ACL acl-example",
				"CLB205 acl-example: network ACL acl-example outbound rule 100 (allow tcp 80 to 0.0.0.0/0)",
			},
		},
		{
			// The same network ACL on the instances' subnet refuses their replies to the load balancer, on the same
			// sub-range.
			file: "vpc-guide-custom-acl", lb: "back", verdict: packet.Refuted, pathMTU: packet.Refuted,
			refused: []string{
				"reply of instances 0: 10.0.0.4 -> 10.0.1.4:1024: the final outbound rule * of network ACL acl-example",
			},
			found: []string{
				"CLB105 acl-example: the final outbound rule * of network ACL acl-example",
				"CLB204 acl-example: network ACL acl-example inbound rule 100 (allow tcp 80 from 0.0.0.0/0)",
			},
		},
		{
			// Within the subnet no network ACL applies, so only the replies that leave it are refused.
			file: "vpc-guide-custom-acl", lb: "together", verdict: packet.Refuted, pathMTU: packet.Refuted,
			refused: []string{
				"reply to clients 0: 10.0.0.4 -> 203.0.113.10:1024: the final outbound rule * of network ACL acl-example",
			},
			found: []string{
				"CLB104 acl-example: the final outbound rule * of network ACL acl-example",
				"CLB204 acl-example: network ACL acl-example inbound rule 100 (allow tcp 80 from 0.0.0.0/0)",
				"CLB205 acl-example: network ACL acl-example outbound rule 100 (allow tcp 80 to 0.0.0.0/0)",
			},
		},
		{
			// What the guide says: the deny comes before the entries that admit the load balancer.
			file: "vpc-guide-deny", lb: "everyone", verdict: packet.Refuted, pathMTU: packet.Refuted,
			refused: []string{
				"load balancer to instance port 8080: 10.0.1.4 -> 10.0.11.4:8080: network ACL acl-everyone-denied inbound rule 90 (deny all traffic from 0.0.0.0/0)",
				"health check 8081: 10.0.1.4 -> 10.0.11.4:8081: network ACL acl-everyone-denied inbound rule 90 (deny all traffic from 0.0.0.0/0)",
			},
			found: []string{
				"CLB102 acl-everyone-denied: network ACL acl-everyone-denied inbound rule 90 (deny all traffic from 0.0.0.0/0)",
				"CLB103 acl-everyone-denied: network ACL acl-everyone-denied inbound rule 90 (deny all traffic from 0.0.0.0/0)",
			},
		},
		{
			// The same with a deny of the subnet from which the health checks come.
			file: "vpc-guide-deny", lb: "subnet", verdict: packet.Refuted, pathMTU: packet.Refuted,
			refused: []string{
				"load balancer to instance port 8080: 10.0.1.4 -> 10.0.12.4:8080: network ACL acl-subnet-denied inbound rule 90 (deny all traffic from 10.0.1.0/24)",
				"health check 8081: 10.0.1.4 -> 10.0.12.4:8081: network ACL acl-subnet-denied inbound rule 90 (deny all traffic from 10.0.1.0/24)",
			},
			found: []string{
				"CLB102 acl-subnet-denied: network ACL acl-subnet-denied inbound rule 90 (deny all traffic from 10.0.1.0/24)",
				"CLB103 acl-subnet-denied: network ACL acl-subnet-denied inbound rule 90 (deny all traffic from 10.0.1.0/24)",
			},
		},
		{
			// A deny after the entries that admit the load balancer denies what is left, so this is the recommended world
			// and has no finding.
			file: "vpc-guide-deny", lb: "too-late", verdict: packet.Proved, pathMTU: packet.Refuted,
		},
		{
			// The health check port 8080 is no listener's, and the group of the instances has a rule for it. The other ports
			// that it admits are those of the nodes' load balancer, which carries the same group.
			file: "kaws", lb: "kaws-k8s-masters", verdict: packet.Proved, pathMTU: packet.Refuted,
			found: []string{
				"CLB202 sg-balancers: security group sg-balancers outbound (all traffic to 0.0.0.0/0)",
			},
		},
		{
			// Likewise 10256; 30000-30001 is one rule for two instance ports.
			file: "kaws", lb: "kaws-k8s-nodes", verdict: packet.Proved, pathMTU: packet.Refuted,
			found: []string{
				"CLB202 sg-balancers: security group sg-balancers outbound (all traffic to 0.0.0.0/0)",
			},
		},
		{
			// As it is: port 80 works, with 433 open for nothing. The entry for 10.0.0.0/8 comes after the one for the VPC,
			// so what it opens is 10.0.0.0/8 less the VPC.
			file: "farhie-nginx", lb: "nginx", verdict: packet.Proved, pathMTU: packet.Refuted,
			found: []string{
				"CLB202 sg-elb: security group sg-elb outbound (all traffic to 0.0.0.0/0)",
				"CLB204 acl-private: network ACL acl-private inbound rule 200 (allow all traffic from 10.0.0.0/8)",
				"CLB205 acl-public: network ACL acl-public outbound rule 100 (allow tcp 80 to 0.0.0.0/0)",
			},
		},
		{
			// Once a listener is on 443, as the names of the entries say, the slip refuses every client at the network ACL.
			file: "farhie-nginx", lb: "nginx-https", verdict: packet.Refuted, pathMTU: packet.Refuted,
			refused: []string{
				"client to listener 443: 203.0.113.10 -> 10.0.1.4:443: the final inbound rule * of network ACL acl-public",
			},
			found: []string{
				"CLB101 acl-public: the final inbound rule * of network ACL acl-public",
				"CLB202 sg-elb-https: security group sg-elb-https outbound (all traffic to 0.0.0.0/0)",
				"CLB204 acl-private: network ACL acl-private inbound rule 200 (allow all traffic from 10.0.0.0/8)",
				"CLB205 acl-public: network ACL acl-public outbound rule 100 (allow tcp 80 to 0.0.0.0/0)",
			},
		},
		{
			// What this network ACL is for: the instances of the second zone get neither requests nor health checks, and one
			// finding per flow covers both nodes. The first zone has no finding.
			file: "paas-cf-disabled-zone", lb: "ssh-proxy", verdict: packet.Refuted, pathMTU: packet.Refuted,
			refused: []string{
				"load balancer to instance port 2222: 10.0.0.4 -> 10.0.32.4:2222: the final inbound rule * of network ACL acl-disabled",
				"health check 2222: 10.0.0.4 -> 10.0.32.4:2222: the final inbound rule * of network ACL acl-disabled",
				"reply of instances 0: 10.0.32.4 -> 10.0.0.4:1024: the final outbound rule * of network ACL acl-disabled",
			},
			found: []string{
				"CLB102 acl-disabled: the final inbound rule * of network ACL acl-disabled",
				"CLB103 acl-disabled: the final inbound rule * of network ACL acl-disabled",
				"CLB105 acl-disabled: the final outbound rule * of network ACL acl-disabled",
				"CLB202 sg-sshproxy: security group sg-sshproxy outbound (all traffic to 0.0.0.0/0)",
				"CLB313 sg-sshproxy: ",
			},
		},
		{
			// A group without rules, in both roles: nothing passes, neither from clients nor to the instances, in either
			// direction. The example applies, and does not work.
			file: "terraform-aws-elb-complete", lb: "ex-complete", verdict: packet.Refuted, pathMTU: packet.Refuted,
			refused: []string{
				"client to listener 80: 203.0.113.10 -> 10.0.48.4:80: security group sg-default, which has no inbound rule that admits it",
				"client to listener 8080: 203.0.113.10 -> 10.0.48.4:8080: security group sg-default, which has no inbound rule that admits it",
				"load balancer to instance port 80: 10.0.48.4 -> 10.0.0.4:80 (a member of sg-default): security group sg-default, which has no outbound rule that admits it",
				"load balancer to instance port 80: 10.0.48.4 (a member of sg-default) -> 10.0.0.4:80: security group sg-default, which has no inbound rule that admits it",
				"load balancer to instance port 8080: 10.0.48.4 -> 10.0.0.4:8080 (a member of sg-default): security group sg-default, which has no outbound rule that admits it",
				"load balancer to instance port 8080: 10.0.48.4 (a member of sg-default) -> 10.0.0.4:8080: security group sg-default, which has no inbound rule that admits it",
				"health check 80: 10.0.48.4 -> 10.0.0.4:80 (a member of sg-default): security group sg-default, which has no outbound rule that admits it",
				"health check 80: 10.0.48.4 (a member of sg-default) -> 10.0.0.4:80: security group sg-default, which has no inbound rule that admits it",
			},
			found: []string{
				"CLB101 sg-default: security group sg-default, which has no inbound rule that admits it",
				"CLB102 sg-default: security group sg-default, which has no outbound rule that admits it",
				"CLB102 sg-default: security group sg-default, which has no inbound rule that admits it",
				"CLB103 sg-default: security group sg-default, which has no outbound rule that admits it",
				"CLB103 sg-default: security group sg-default, which has no inbound rule that admits it",
				"CLB303 sg-default: ",
			},
		},
		{
			// The shared group admits 80, but instances listen on 8080, also for health checks; that load balancer and
			// instances carry the same group admits nothing by itself. Port 22 is no listener's; port 80 is, so its rule is
			// needed.
			file: "codedeploy-demo", lb: "terraform-asg-example", verdict: packet.Refuted, pathMTU: packet.Refuted,
			refused: []string{
				"load balancer to instance port 8080: 172.31.0.4 (a member of sg-instance) -> 172.31.0.4:8080: security group sg-instance, which has no inbound rule that admits it",
				"health check 8080: 172.31.0.4 (a member of sg-instance) -> 172.31.0.4:8080: security group sg-instance, which has no inbound rule that admits it",
			},
			found: []string{
				"CLB102 sg-instance: security group sg-instance, which has no inbound rule that admits it",
				"CLB103 sg-instance: security group sg-instance, which has no inbound rule that admits it",
				"CLB201 sg-instance: security group sg-instance inbound (tcp 22 from 0.0.0.0/0)",
				"CLB202 sg-instance: security group sg-instance outbound (all traffic to 0.0.0.0/0)",
			},
		},
		{
			// It works. A group that both carry admits to the load balancer whatever the instances want: 22, and a 443 that
			// has no listener.
			file: "jenkins-shared-group", lb: "web-elb", verdict: packet.Proved, pathMTU: packet.Refuted,
			found: []string{
				"CLB201 sg-ELB_SG: security group sg-ELB_SG inbound (tcp 443 from 0.0.0.0/0); security group sg-ELB_SG inbound (tcp 22 from 0.0.0.0/0)",
				"CLB202 sg-ELB_SG: security group sg-ELB_SG outbound (all traffic to 0.0.0.0/0)",
			},
		},
		{
			// It works, as the node is in the VPC; the table names the load balancer's group instead of the VPC. SSH from
			// everyone to the instance is not judged.
			file: "terraform-two-tier", lb: "terraform-example-elb", verdict: packet.Proved, pathMTU: packet.Refuted,
			found: []string{
				"CLB202 sg-elb: security group sg-elb outbound (all traffic to 0.0.0.0/0)",
				"CLB203 sg-default: security group sg-default inbound (tcp 80 from 10.0.0.0/16)",
			},
		},
		{
			// It works; the instances take their API port from everyone, around the load balancer.
			file: "vault", lb: "vault-example", verdict: packet.Proved, pathMTU: packet.Refuted,
			found: []string{
				"CLB202 sg-vault-elb: security group sg-vault-elb outbound (all traffic to 0.0.0.0/0)",
				"CLB203 sg-vault: security group sg-vault inbound (tcp 8200 from 0.0.0.0/0)",
			},
		},
		{
			// The stale 8081 in the group of the instances is on no port of this load balancer and so nobody's business
			// here.
			file: "habitat-builder", lb: "builder-api-gateway", verdict: packet.Proved, pathMTU: packet.Refuted,
			found: []string{
				"CLB202 sg-gateway_elb: security group sg-gateway_elb outbound (all traffic to 0.0.0.0/0)",
			},
		},
		{
			// The internal load balancer shares its group with an internet-facing one, which needs 443 from everyone. icmp
			// 0-0 looks like all of ICMP and is type 0, an echo reply: it helps no Path MTU Discovery.
			file: "tectonic", lb: "tectonic-int", verdict: packet.Proved, pathMTU: packet.Refuted,
			found: []string{
				"CLB202 sg-api: security group sg-api outbound (all traffic to sg-api); security group sg-api outbound (all traffic to 0.0.0.0/0)",
				"CLB203 sg-master: security group sg-master inbound (tcp 443 from 0.0.0.0/0)",
			},
		},
		{
			// As above.
			file: "tectonic", lb: "tectonic-ext", verdict: packet.Proved, pathMTU: packet.Refuted,
			found: []string{
				"CLB202 sg-api: security group sg-api outbound (all traffic to sg-api); security group sg-api outbound (all traffic to 0.0.0.0/0)",
				"CLB203 sg-master: security group sg-master inbound (tcp 443 from 0.0.0.0/0)",
			},
		},
		{
			// Instance ports 32000, 32001 and the health check's 32002 lie in one rule for 30000-32767 from the console's
			// group.
			file: "tectonic", lb: "tectonic-con", verdict: packet.Proved, pathMTU: packet.Refuted,
			found: []string{
				"CLB202 sg-console: security group sg-console outbound (all traffic to sg-console); security group sg-console outbound (all traffic to 0.0.0.0/0)",
			},
		},
		{
			// icmp 3-4 in the load balancer's group is type 3 code 4, not a range, and never broader. Protocol 4 with ports
			// in the masters' group is IP in IP, no TCP.
			file: "kops-bastion", lb: "api-bastionuserdata-examp-qbgom9", verdict: packet.Proved, pathMTU: packet.Refuted,
			found: []string{
				"CLB202 sg-api-elb: security group sg-api-elb outbound (all traffic to 0.0.0.0/0)",
			},
		},
		{
			// A group whose rules cannot be seen can only add, and what the other group admits is enough: proved, not
			// undecided.
			file: "kops-bastion", lb: "bastion-bastionuserdata-e-4grhsv", verdict: packet.Proved, pathMTU: packet.Refuted,
			found: []string{
				"CLB202 sg-bastion-elb: security group sg-bastion-elb outbound (all traffic to 0.0.0.0/0)",
			},
		},
		{
			// All traffic from the load balancer's group admits every instance port and Path MTU Discovery; its source is
			// the recommended one.
			file: "segment-stack", lb: "web", verdict: packet.Proved, pathMTU: packet.Proved,
			found: []string{
				"CLB202 sg-external_elb: security group sg-external_elb outbound (all traffic to 0.0.0.0/0)",
			},
		},
		{
			// The same for the internal load balancer, whose group admits the VPC as the table says.
			file: "segment-stack", lb: "service", verdict: packet.Proved, pathMTU: packet.Proved,
			found: []string{
				"CLB202 sg-internal_elb: security group sg-internal_elb outbound (all traffic to 0.0.0.0/0)",
			},
		},
		{
			// TCP 1-65535 to the group of the instances is wider than the two ports needed; all traffic from the VPC reaches
			// the load balancer on ports without a listener. The network ACLs admit ICMP, the group of the instances does
			// from the VPC.
			file: "barcelona", lb: "lb-web", verdict: packet.Proved, pathMTU: packet.Proved,
			found: []string{
				"CLB201 sg-PublicELB: security group sg-PublicELB inbound (all traffic from 10.0.0.0/16)",
				"CLB202 sg-PublicELB: security group sg-PublicELB outbound (tcp 1-65535 to sg-Instance)",
			},
		},
		{
			// Load balancer and instances share a subnet. The network ACL lets everything out to everyone, while an internal
			// load balancer has its clients in the VPC.
			file: "barcelona", lb: "lb-worker", verdict: packet.Proved, pathMTU: packet.Proved,
			found: []string{
				"CLB201 sg-PrivateELB: security group sg-PrivateELB inbound (tcp 1-65535 from 10.0.0.0/16)",
				"CLB202 sg-PrivateELB: security group sg-PrivateELB outbound (tcp 1-65535 to sg-Instance)",
				"CLB205 acl-trusted: network ACL acl-trusted outbound rule 100 (allow all traffic to 0.0.0.0/0)",
			},
		},
		{
			// Five groups: their rules together serve it. Most were made for other machines, and admit here on ports without
			// a listener. What Admin opens to everyone on 80, 443 and 12379 the internet-facing master needs, which carries
			// Admin as well.
			file: "dcos", lb: "internal-master", verdict: packet.Proved, pathMTU: packet.Proved,
			found: []string{
				"CLB201 sg-Admin: security group sg-Admin inbound (tcp 22 from 0.0.0.0/0)",
				"CLB201 sg-Slave: security group sg-Slave inbound (all traffic from sg-Master); security group sg-Slave inbound (all traffic from sg-Slave); security group sg-Slave inbound (all traffic from sg-PublicSlave)",
				"CLB201 sg-PublicSlave: security group sg-PublicSlave inbound (all traffic from sg-Slave); security group sg-PublicSlave inbound (all traffic from sg-PublicSlave); security group sg-PublicSlave inbound (all traffic from sg-Master); security group sg-PublicSlave inbound (tcp 0-21 from 0.0.0.0/0); security group sg-PublicSlave inbound (tcp 23-5050 from 0.0.0.0/0); security group sg-PublicSlave inbound (tcp 5052-32000 from 0.0.0.0/0); security group sg-PublicSlave inbound (udp 0-21 from 0.0.0.0/0); security group sg-PublicSlave inbound (udp 23-5050 from 0.0.0.0/0)",
				"CLB201 sg-Master: security group sg-Master inbound (all traffic from sg-Master); security group sg-Master inbound (all traffic from sg-Slave); security group sg-Master inbound (all traffic from sg-PublicSlave)",
				"CLB202 sg-Lb: security group sg-Lb outbound (all traffic to 0.0.0.0/0)",
				"CLB202 sg-Admin: security group sg-Admin outbound (all traffic to 0.0.0.0/0)",
				"CLB202 sg-Slave: security group sg-Slave outbound (all traffic to 0.0.0.0/0)",
				"CLB202 sg-PublicSlave: security group sg-PublicSlave outbound (all traffic to 0.0.0.0/0)",
				"CLB202 sg-Master: security group sg-Master outbound (all traffic to 0.0.0.0/0)",
				"CLB204 acl-public: network ACL acl-public inbound rule 100 (allow all traffic from 0.0.0.0/0)",
				"CLB205 acl-public: network ACL acl-public outbound rule 100 (allow all traffic to 0.0.0.0/0)",
			},
		},
		{
			// The health check port 5050 is no listener's and is admitted from the first of two groups. Port 22 is the
			// instances'.
			file: "dcos", lb: "master", verdict: packet.Proved, pathMTU: packet.Refuted,
			found: []string{
				"CLB201 sg-Admin: security group sg-Admin inbound (tcp 22 from 0.0.0.0/0)",
				"CLB202 sg-Lb: security group sg-Lb outbound (all traffic to 0.0.0.0/0)",
				"CLB202 sg-Admin: security group sg-Admin outbound (all traffic to 0.0.0.0/0)",
				"CLB204 acl-public: network ACL acl-public inbound rule 100 (allow all traffic from 0.0.0.0/0)",
				"CLB205 acl-public: network ACL acl-public outbound rule 100 (allow all traffic to 0.0.0.0/0)",
			},
		},
		{
			// One group in both roles, referring to itself on -1. Its ranges leave out 22 and 5051, and include the health
			// check's 9090 for everyone, which only the load balancer needs.
			file: "dcos", lb: "public-slave", verdict: packet.Proved, pathMTU: packet.Proved,
			found: []string{
				"CLB201 sg-PublicSlave: security group sg-PublicSlave inbound (all traffic from sg-Slave); security group sg-PublicSlave inbound (all traffic from sg-PublicSlave); security group sg-PublicSlave inbound (all traffic from sg-Master); security group sg-PublicSlave inbound (tcp 0-21 from 0.0.0.0/0); security group sg-PublicSlave inbound (tcp 23-5050 from 0.0.0.0/0); security group sg-PublicSlave inbound (tcp 5052-32000 from 0.0.0.0/0); security group sg-PublicSlave inbound (udp 0-21 from 0.0.0.0/0); security group sg-PublicSlave inbound (udp 23-5050 from 0.0.0.0/0)",
				"CLB202 sg-PublicSlave: security group sg-PublicSlave outbound (all traffic to 0.0.0.0/0)",
				"CLB203 sg-PublicSlave: security group sg-PublicSlave inbound (tcp 5052-32000 from 0.0.0.0/0)",
				"CLB204 acl-public: network ACL acl-public inbound rule 100 (allow all traffic from 0.0.0.0/0)",
				"CLB205 acl-public: network ACL acl-public outbound rule 100 (allow all traffic to 0.0.0.0/0)",
			},
		},
	}
}
