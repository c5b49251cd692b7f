variable "name" {
  description = "What everything is called after."
  type        = string
}

variable "region" {
  description = "Where it runs."
  type        = string
}

variable "image" {
  description = "ClamAV's own image, mirrored into our registry."
  type        = string
}

variable "architecture" {
  description = "Of the processor."
  type        = string
  default     = "ARM64"
}

variable "namespace" {
  description = "Of Cloud Map: id and name."
  type        = object({ id = string, name = string })
}

variable "cluster_arn" {
  description = "Of ECS."
  type        = string
}

variable "subnet_ids" {
  description = "Of the private subnets."
  type        = list(string)
}

variable "security_group_id" {
  description = "The scanner's."
  type        = string
}

variable "execution_role_arn" {
  description = "By which ECS pulls the image."
  type        = string
}

variable "boundary_arn" {
  description = "Beyond which no role goes."
  type        = string
}

variable "log_key_arn" {
  description = "The KMS key of log groups."
  type        = string
}

variable "log_days" {
  description = "How long its log is kept, in days."
  type        = number
  default     = 90
}
