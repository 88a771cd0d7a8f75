output "security_group_rules" {
  description = "What each security group admits."
  value = {
    (var.load_balancer_security_group_id) = {
      inbound  = keys(clb_load_balancer_rules.web.ingress)
      outbound = keys(clb_load_balancer_rules.web.egress)
    }
    (var.internal_load_balancer_security_group_id) = {
      inbound  = keys(clb_load_balancer_rules.internal.ingress)
      outbound = keys(clb_load_balancer_rules.internal.egress)
    }
    (var.instance_security_group_id) = {
      inbound = keys(clb_instance_ingress_rules.instances.ingress)
    }
  }
}

output "network_acl_entries" {
  description = "The entries of each network ACL by rule number."
  value = {
    for acl in [clb_network_acl_entries.load_balancer_subnets, clb_network_acl_entries.instance_subnets] :
    acl.network_acl_id => {
      inbound  = { for key, entry in acl.ingress : entry.rule_number => key }
      outbound = { for key, entry in acl.egress : entry.rule_number => key }
    }
  }
}
