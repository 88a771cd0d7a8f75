# The ids of the rules as they are now, for the import blocks:
# terraform output -json saved > saved.json
output "saved" {
  value = {
    load_balancer_ingress = { for key, rule in clb_load_balancer_rules.web.ingress : key => rule.security_group_rule_id }
    load_balancer_egress  = { for key, rule in clb_load_balancer_rules.web.egress : key => rule.security_group_rule_id }
    instance_ingress      = { for key, rule in clb_instance_ingress_rules.web.ingress : key => rule.security_group_rule_id }

    load_balancer_subnets = merge(
      { for key, entry in clb_network_acl_entries.load_balancer_subnets.ingress : key => entry.rule_number },
      { for key, entry in clb_network_acl_entries.load_balancer_subnets.egress : key => entry.rule_number },
    )
    instance_subnets = merge(
      { for key, entry in clb_network_acl_entries.instance_subnets.ingress : key => entry.rule_number },
      { for key, entry in clb_network_acl_entries.instance_subnets.egress : key => entry.rule_number },
    )
  }
}
