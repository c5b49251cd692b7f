# Who is told what, and what comes back.

module "observability" {
  source = "./modules/observability"

  name             = local.name
  region           = var.region
  told             = toset(var.on_duty)
  page_host        = var.domain
  namespace        = module.server.namespace
  cluster_name     = module.cluster.name
  cluster_arn      = module.cluster.arn
  server_service   = module.server.name
  scanner_service  = module.scanner.service
  balancer_suffix  = module.balancer.arn_suffix
  database         = { id = module.database.id, replica_ids = module.database.replica_ids, connections = var.database.connections }
  cache_id         = module.cache.id
  documents_bucket = module.storage.documents.name
  replica_bucket   = module.storage.replica_bucket
  failed_queue     = module.schedule.failed_queue
  log_group        = module.server.log_group
  partners_api     = module.partners.api_name
  regional_acl     = local.name
  distribution_id  = module.cdn.page.id
  key_arn          = module.key["work"].arn
  edge_key_arn     = module.key["edge"].arn
}

module "audit" {
  source = "./modules/audit"

  name                = local.name
  bucket_name         = local.bucket_name
  region              = var.region
  watched_bucket_arns = [module.storage.documents.arn, module.storage.heads.arn, module.storage.replica_arn]
  key_arn             = module.key["logs"].arn
  log_key_arn         = local.log_key
  topic_arn           = module.observability.topic_arn
}

module "backups" {
  source = "./modules/backups"

  name                  = local.name
  documents_arn         = module.storage.documents.arn
  database_arn          = module.database.arn
  database_subnet_group = module.database.subnet_group
  lock                  = var.lock_backups
  key_arn               = module.key["backups"].arn
  copy_region           = var.copy_region
  copy_key_arn          = module.key["copy-backups"].arn
  topic_arn             = module.observability.topic_arn
}
