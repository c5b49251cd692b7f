# For 20,000 people at once: docs/aws.md has how that is reckoned, docs/costs.md what it costs.

module "healthmed" {
  source = "../.."

  environment         = "production"
  cidr                = "10.20.0.0/16"
  domain              = var.domain
  zone_id             = var.zone_id
  on_duty             = var.on_duty
  meetings            = var.meetings
  registries          = var.registries
  signs_papers        = var.signs_papers
  source_repository   = var.source_repository
  first_image_tag     = var.first_image_tag
  links_public_key    = var.links_public_key
  origin_secret       = var.origin_secret
  nat_per_zone        = true
  approval            = true
  deletion_protection = true
  lock_backups        = true

  database = {
    instance_class = "db.r8g.2xlarge", storage_gib = 400, multi_az = true, replicas = 1
    backup_days    = 35, insights = "advanced", connections = 5000
  }
  cache = { node_type = "cache.t4g.small", nodes = 2 }
  # Of each server 20 connections, four more for wake-ups, rates and keys: 40 servers have 960.
  servers = { cpu = 1024, memory = 3072, least = 6, most = 40, connections = 20, sockets = 2000 }
}
