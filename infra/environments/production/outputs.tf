output "healthmed" {
  description = "What operators need: hosts, registries of images, secrets to be filled, roles and groups."
  value       = module.healthmed
}
