# The load balancers are looked up, and the entries that AWS recommends for them and that exist are taken over, under
# whatever rule numbers they have. Where the entries of a listener admit others than AWS recommends, these are taken over
# as its declared clients: state them in clients.
#
# The id of the network ACL, the roles of its subnets joined by commas, and the names of the load balancers joined by
# commas, with slashes between them.
terraform import clb_network_acl_entries.load_balancer_subnets acl-0123456789abcdef0/load_balancer/my-loadbalancer
