variable "environment" {
  description = "Which one: staging or production."
  type        = string

  validation {
    condition     = contains(["staging", "production"], var.environment)
    error_message = "staging or production."
  }
}

variable "name" {
  description = "What everything is called after; null: healthmed-ENVIRONMENT. Another one beside it, since roles and buckets have names that are taken once."
  type        = string
  default     = null
}

variable "restored" {
  description = "The database from a snapshot: its ARN, the key that it is encrypted by, and the one that its columns were sealed by, or that one's copy (docs/aws.md, Restoring)."
  type        = object({ snapshot = string, database_key_arn = string, seal_key_arn = string })
  default     = null
}

variable "region" {
  description = "Where everything is, but for copies and CloudFront."
  type        = string
  default     = "sa-east-1"
}

variable "zones" {
  description = "Three availability zones of it."
  type        = list(string)
  default     = ["sa-east-1a", "sa-east-1b", "sa-east-1c"]
}

variable "copy_region" {
  description = "Where copies of documents, backups and secrets are, encrypted by keys of ours (docs/decisions/0053)."
  type        = string
  default     = "us-east-1"
}

variable "cidr" {
  description = "Addresses of the VPC, a /16."
  type        = string
}

variable "nat_per_zone" {
  description = "A NAT gateway in each zone."
  type        = bool
  default     = true
}

variable "domain" {
  description = "Of the page. Passkeys are bound to it for good."
  type        = string
}

variable "zone_id" {
  description = "Of Route 53, which the domain is in."
  type        = string
}

variable "on_duty" {
  description = "E-mail addresses that are told of alarms; the first reads reports of forged mail."
  type        = list(string)

  validation {
    condition     = length(var.on_duty) > 0
    error_message = "Somebody has to be told."
  }
}

variable "database" {
  description = "PostgreSQL: instance class, GiB at first, a standby, replicas, days of any moment, Database Insights, and how many connections its class allows (max_connections)."
  type = object({
    instance_class = string, storage_gib = number, multi_az = bool, replicas = number
    backup_days    = number, insights = string, connections = number
  })
}

variable "cache" {
  description = "Valkey: node type, and how many."
  type        = object({ node_type = string, nodes = number })
}

variable "servers" {
  description = "1024ths of a core, MiB, least and most servers, connections to the database of each, and live sockets above which there are to be more."
  type        = object({ cpu = number, memory = number, least = number, most = number, connections = number, sockets = number })
}

variable "architecture" {
  description = "Of processors."
  type        = string
  default     = "ARM64"
}

variable "meetings" {
  description = "How doctor and patient see each other: peer or chime."
  type        = string
  default     = "chime"

  validation {
    condition     = contains(["peer", "chime"], var.meetings)
    error_message = "peer or chime."
  }
}

variable "registries" {
  description = "Gateways of registries, by kind (cpf, crm): https URLs (docs/decisions/0029). Without one, numbers are taken at their word."
  type        = map(string)
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.registries), ["cpf", "crm"])) == 0
    error_message = "cpf and crm are all that there is."
  }
}

variable "signs_papers" {
  description = "Doctors sign papers, by certificates that lead to those of the secret signature-roots (docs/decisions/0047)."
  type        = bool
  default     = false
}

variable "first_image_tag" {
  description = "Of the image that the first task definitions name; the pipeline names those that follow."
  type        = string
}

variable "clamav_tag" {
  description = "Of ClamAV's image, as it was mirrored."
  type        = string
  default     = "1.4"
}

variable "collector_tag" {
  description = "Of the collector's image, as it was mirrored."
  type        = string
  default     = "v0.43.0"
}

variable "links_public_key" {
  description = "PEM of the public half of the secret links-private-key."
  type        = string
}

variable "origin_secret" {
  description = "What CloudFront says to the balancer: 32 characters or more, by TF_VAR_origin_secret."
  type        = string
  sensitive   = true
}

variable "source_repository" {
  description = "On GitHub: owner/name."
  type        = string
}

variable "branch" {
  description = "Whose commits are brought."
  type        = string
  default     = "main"
}

variable "approval" {
  description = "A person is asked before anything is brought."
  type        = bool
}

variable "deletion_protection" {
  description = "Database and balancer refuse to be deleted."
  type        = bool
  default     = true
}

variable "lock_backups" {
  description = "Backups cannot be deleted before their time, for good."
  type        = bool
  default     = true
}

variable "heads_years" {
  description = "For how many years nobody can delete a published head of the access log."
  type        = number
  default     = 5
}
