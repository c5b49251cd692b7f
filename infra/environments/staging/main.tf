# As production in all that can go wrong, and smaller: the same modules, the standby, two servers.

module "healthmed" {
  source = "../.."

  environment         = "staging"
  cidr                = "10.30.0.0/16"
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
  nat_per_zone        = false
  approval            = false
  deletion_protection = true
  lock_backups        = false # one may begin anew
  heads_years         = 1

  database = {
    instance_class = "db.t4g.medium", storage_gib = 40, multi_az = true, replicas = 1
    backup_days    = 7, insights = "standard", connections = 400
  }
  cache   = { node_type = "cache.t4g.micro", nodes = 2 }
  servers = { cpu = 512, memory = 2048, least = 2, most = 4, connections = 20, sockets = 1000 }
}
