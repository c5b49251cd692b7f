output "vpc_id" {
  description = "The VPC."
  value       = aws_vpc.this.id
}

output "cidr" {
  description = "Its addresses."
  value       = var.cidr
}

output "public_subnet_ids" {
  description = "One in each zone, for balancers."
  value       = [for zone in var.zones : aws_subnet.public[zone].id]
}

output "private_subnet_ids" {
  description = "One in each zone, for what runs."
  value       = [for zone in var.zones : aws_subnet.private[zone].id]
}

output "data_subnet_ids" {
  description = "One in each zone, for what keeps data; no route leads out."
  value       = [for zone in var.zones : aws_subnet.data[zone].id]
}

output "data_routes" {
  description = "Routes out of the data subnets: there are none."
  value       = [for route in concat([aws_route.out], values(aws_route.nat)) : route.id if route.route_table_id == aws_route_table.data.id]
}

output "flow_log_group" {
  description = "The log group of the flow logs."
  value       = aws_cloudwatch_log_group.flow.name
}
