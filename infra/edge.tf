# The ways in: names, CloudFront, the walls before it and before the balancer, partners' door, and mail.

module "dns" {
  source = "./modules/dns"

  domain  = var.domain
  zone_id = var.zone_id
  targets = {
    page     = { name = module.cdn.page.name, zone_id = module.cdn.page.zone_id, evaluate = false }
    files    = { name = module.cdn.files.name, zone_id = module.cdn.files.zone_id, evaluate = false }
    origin   = { name = module.balancer.dns.name, zone_id = module.balancer.dns.zone_id, evaluate = true }
    partners = { name = module.partners.target.name, zone_id = module.partners.target.zone_id, evaluate = false }
  }
}

module "edge_wall" {
  source = "./modules/waf"

  name        = "${local.name}-edge"
  scope       = "CLOUDFRONT"
  region      = "us-east-1"
  log_key_arn = module.key["edge"].arn
}

module "wall" {
  source = "./modules/waf"

  name          = local.name
  scope         = "REGIONAL"
  origin_secret = var.origin_secret
  resources     = { balancer = module.balancer.arn }
  log_key_arn   = local.log_key
}

module "partners_wall" {
  source = "./modules/waf"

  name        = "${local.name}-partners"
  scope       = "REGIONAL"
  resources   = { partners = module.partners.stage_arn }
  log_key_arn = local.log_key
}

module "cdn" {
  source = "./modules/cdn"

  name             = local.name
  page_host        = module.dns.hosts.page
  files_host       = module.dns.hosts.files
  origin_host      = module.dns.hosts.origin
  origin_secret    = var.origin_secret
  bucket_host      = module.storage.documents.host
  links_public_key = var.links_public_key
  certificate_arn  = module.dns.edge_certificate_arn
  web_acl_arn      = module.edge_wall.arn
  log_bucket_arn   = module.storage.logs.arn
}

module "balancer" {
  source = "./modules/load_balancer"

  name                = local.name
  vpc_id              = module.network.vpc_id
  subnet_ids          = module.network.public_subnet_ids
  security_group_id   = module.security_groups.ids["balancer"]
  certificate_arn     = module.dns.region_certificate_arn
  log_bucket          = module.storage.logs.name
  drain_seconds       = local.drain_seconds
  deletion_protection = var.deletion_protection
}

module "partners" {
  source = "./modules/api_gateway"

  name              = local.name
  host              = module.dns.hosts.partners
  certificate_arn   = module.dns.region_certificate_arn
  origin_host       = module.dns.hosts.origin
  origin_secret     = var.origin_secret
  balancer_arn      = module.balancer.arn
  subnet_ids        = module.network.private_subnet_ids
  security_group_id = module.security_groups.ids["link"]
  log_key_arn       = local.log_key
}

module "mail" {
  source = "./modules/mail"

  name       = local.name
  region     = var.region
  domain     = var.domain
  zone_id    = var.zone_id
  sender     = local.sender
  reports_to = var.on_duty[0]
}

module "meetings" {
  source = "./modules/meetings"

  control_region = local.chime_region
}
