# The load balancer is looked up, and the rules that AWS recommends for it and that exist are taken over. Where the rules
# of a listener admit others than AWS recommends, these are taken over as its declared clients: state them in clients.
#
# The id of the security group, a slash, and the name of the load balancer (several names are joined by commas).
terraform import clb_load_balancer_rules.web sg-0123456789abcdef0/my-loadbalancer
