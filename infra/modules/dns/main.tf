# Names and certificates. The zone is there beforehand: whoever owns the domain leads it to us.

locals {
  hosts = { page = var.domain, files = "files.${var.domain}", origin = "origin.${var.domain}", partners = "partners.${var.domain}" }
}

# CloudFront reads certificates in us-east-1 alone; balancer and API gateway where they are.
resource "aws_acm_certificate" "edge" {
  region                    = "us-east-1"
  domain_name               = local.hosts.page
  subject_alternative_names = [local.hosts.files]
  validation_method         = "DNS"
  key_algorithm             = "EC_prime256v1"

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_acm_certificate" "region" {
  domain_name               = local.hosts.origin
  subject_alternative_names = [local.hosts.page, local.hosts.partners]
  validation_method         = "DNS"
  key_algorithm             = "EC_prime256v1"

  lifecycle {
    create_before_destroy = true
  }
}

locals {
  # One record proves a host for every certificate of this account.
  proofs = { for option in concat(tolist(aws_acm_certificate.edge.domain_validation_options), tolist(aws_acm_certificate.region.domain_validation_options)) :
    option.domain_name => option...
  }
}

resource "aws_route53_record" "proof" {
  for_each = toset(values(local.hosts))

  zone_id         = var.zone_id
  name            = try(local.proofs[each.key][0].resource_record_name, "unproved.${each.key}")
  type            = "CNAME"
  ttl             = 300
  records         = [try(local.proofs[each.key][0].resource_record_value, "unproved.invalid")]
  allow_overwrite = true
}

resource "aws_acm_certificate_validation" "edge" {
  region                  = "us-east-1"
  certificate_arn         = aws_acm_certificate.edge.arn
  validation_record_fqdns = [for host in [local.hosts.page, local.hosts.files] : aws_route53_record.proof[host].fqdn]
}

resource "aws_acm_certificate_validation" "region" {
  certificate_arn         = aws_acm_certificate.region.arn
  validation_record_fqdns = [for host in [local.hosts.origin, local.hosts.page, local.hosts.partners] : aws_route53_record.proof[host].fqdn]
}

# Nobody but Amazon's authority gives out certificates for us.
resource "aws_route53_record" "caa" {
  zone_id = var.zone_id
  name    = var.domain
  type    = "CAA"
  ttl     = 3600
  records = ["0 issue \"amazon.com\"", "0 issuewild \";\""]
}

resource "aws_route53_record" "host" {
  for_each = var.targets

  zone_id = var.zone_id
  name    = local.hosts[each.key]
  type    = "A"

  alias {
    name                   = each.value.name
    zone_id                = each.value.zone_id
    evaluate_target_health = each.value.evaluate
  }
}
