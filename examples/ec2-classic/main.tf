# AWS retired EC2-Classic, the network outside of any VPC, on 2022-08-15. This is the lock-down that the user guide
# described for it: the instances' security group admits the load balancer alone, on its instance ports and the port of
# its health check.

data "clb_load_balancer" "web" {
  name = "my-loadbalancer"
}

resource "clb_instance_ingress_rules" "instances" {
  security_group_name   = "my-security-group"
  load_balancers        = [data.clb_load_balancer.web]
  source_security_group = data.clb_load_balancer.web.source_security_group # amazon-elb/amazon-elb-sg

  # Every port of TCP, UDP and ICMP, as the AWS CLI does with --source-security-group-name:
  # all_protocols = true

  # The last step: rules for everyone on these ports go, once the load balancer is admitted. The plan shows them.
  unmanaged_rules = "revoke_broader"
}
