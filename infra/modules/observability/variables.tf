variable "name" {
  description = "What alarms are called after."
  type        = string
}

variable "region" {
  description = "Where what is watched is."
  type        = string
}

variable "told" {
  description = "E-mail addresses of who is on duty."
  type        = set(string)

  validation {
    condition     = length(var.told) > 0
    error_message = "Somebody has to be told."
  }
}

variable "page_host" {
  description = "What is asked from outside."
  type        = string
}

variable "namespace" {
  description = "Of the servers' own numbers."
  type        = string
}

variable "cluster_name" {
  description = "Of ECS."
  type        = string
}

variable "cluster_arn" {
  description = "Of ECS."
  type        = string
}

variable "server_service" {
  description = "The servers' service."
  type        = string
}

variable "scanner_service" {
  description = "The scanner's service."
  type        = string
}

variable "balancer_suffix" {
  description = "The balancer, as metrics have it."
  type        = string
}

variable "database" {
  description = "The primary, its replicas, and how many connections it allows."
  type        = object({ id = string, replica_ids = list(string), connections = number })
}

variable "cache_id" {
  description = "Of the replication group."
  type        = string
}

variable "documents_bucket" {
  description = "Of documents."
  type        = string
}

variable "replica_bucket" {
  description = "Of their copy."
  type        = string
}

variable "failed_queue" {
  description = "Where it lies what a schedule could not start."
  type        = string
}

variable "log_group" {
  description = "Of the servers."
  type        = string
}

variable "partners_api" {
  description = "Of API Gateway, as metrics have it."
  type        = string
}

variable "regional_acl" {
  description = "The WAF before the balancer, as metrics have it."
  type        = string
}

variable "distribution_id" {
  description = "Of CloudFront, of the page."
  type        = string
}

variable "key_arn" {
  description = "The KMS key of the topic."
  type        = string
}

variable "edge_key_arn" {
  description = "The KMS key of the topic in us-east-1."
  type        = string
}
