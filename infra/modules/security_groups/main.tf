# Who may speak with whom: the table in variables and locals is all there is. Nothing else is let
# in, and nothing else goes out.

locals {
  groups = {
    balancer = "What CloudFront and the API gateway reach"
    link     = "The API gateway's way to the balancer"
    server   = "The servers"
    job      = "Migrations and scheduled work"
    scanner  = "ClamAV"
    database = "PostgreSQL"
    cache    = "Valkey"
  }

  # from, to, port
  allowed = {
    balancer_server = { from = "balancer", to = "server", port = 8000 }
    link_balancer   = { from = "link", to = "balancer", port = 443 }
    job_balancer    = { from = "job", to = "balancer", port = 8443 } # new servers, before anybody sees them
    server_database = { from = "server", to = "database", port = 5432 }
    server_cache    = { from = "server", to = "cache", port = 6379 }
    server_scanner  = { from = "server", to = "scanner", port = 3310 }
    job_database    = { from = "job", to = "database", port = 5432 }
  }

  # Outwards by TLS: AWS's services, registries, signature lists. There is no list of addresses.
  outwards = {
    server_https  = { from = "server", port = 443 }
    server_mail   = { from = "server", port = 587 }
    job_https     = { from = "job", port = 443 }
    scanner_https = { from = "scanner", port = 443 }
  }
}

resource "aws_security_group" "this" {
  for_each = local.groups

  name        = "${var.name}-${each.key}"
  description = each.value
  vpc_id      = var.vpc_id
  tags        = { Name = "${var.name}-${each.key}" }
}

resource "aws_vpc_security_group_ingress_rule" "cloudfront" {
  security_group_id = aws_security_group.this["balancer"].id
  description       = "CloudFront, and nobody else on the internet"
  prefix_list_id    = var.cloudfront_prefix_list_id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_ingress_rule" "this" {
  for_each = local.allowed

  security_group_id            = aws_security_group.this[each.value.to].id
  referenced_security_group_id = aws_security_group.this[each.value.from].id
  description                  = "From ${each.value.from}"
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}

resource "aws_vpc_security_group_egress_rule" "this" {
  for_each = local.allowed

  security_group_id            = aws_security_group.this[each.value.from].id
  referenced_security_group_id = aws_security_group.this[each.value.to].id
  description                  = "To ${each.value.to}"
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}

resource "aws_vpc_security_group_egress_rule" "outwards" {
  for_each = local.outwards

  security_group_id = aws_security_group.this[each.value.from].id
  description       = "Outwards, encrypted"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
}
