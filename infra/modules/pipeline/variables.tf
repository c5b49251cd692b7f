variable "name" {
  description = "Of the pipeline."
  type        = string
}

variable "bucket_name" {
  description = "What its bucket is called after, with the account's number in it."
  type        = string
}

variable "region" {
  description = "Where it is."
  type        = string
}

variable "source_repository" {
  description = "On GitHub: owner/name."
  type        = string

  validation {
    condition     = can(regex("^[^/ ]+/[^/ ]+$", var.source_repository))
    error_message = "owner/name."
  }
}

variable "branch" {
  description = "Whose commits are brought."
  type        = string
  default     = "main"
}

variable "approval" {
  description = "A person is asked before anything changes."
  type        = bool
}

variable "python_image" {
  description = "The base of our image: this tag, as it stands when an image is built, or a digest (name@sha256:...), from our own registry or a public one."
  type        = string
  default     = "public.ecr.aws/docker/library/python:3.11-slim-bookworm"
}

variable "repository" {
  description = "Of our image."
  type        = object({ url = string, arn = string })
}

variable "cluster" {
  description = "Of ECS."
  type        = object({ name = string, arn = string })
}

variable "server_family" {
  description = "The servers' task definition."
  type        = string
}

variable "server_role_arn" {
  description = "The servers' role, which is handed to new ones."
  type        = string
}

variable "migrate" {
  description = "The job that migrates."
  type        = object({ family = string, role_arn = string })
}

variable "codedeploy" {
  description = "Application and deployment group."
  type        = object({ app = string, group = string })
}

variable "subnet_ids" {
  description = "Where migrations run."
  type        = list(string)
}

variable "job_security_group_id" {
  description = "Of jobs."
  type        = string
}

variable "execution_role_arn" {
  description = "By which ECS starts tasks."
  type        = string
}

variable "boundary_arn" {
  description = "Beyond which no role goes."
  type        = string
}

variable "key_arn" {
  description = "The KMS key of artifacts."
  type        = string
}

variable "log_key_arn" {
  description = "The KMS key of log groups."
  type        = string
}

variable "topic_arn" {
  description = "Who is asked and told."
  type        = string
}
