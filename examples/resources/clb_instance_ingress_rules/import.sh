# The load balancers are looked up, and the rules that AWS recommends for them and that exist are taken over.
#
# The id of the security group, a slash, and the names of the load balancers joined by commas.
terraform import clb_instance_ingress_rules.instances sg-0fedcba9876543210/my-loadbalancer,my-loadbalancer-internal
